"""The whole system on one machine: supervises an embedded Valkey and the services."""
