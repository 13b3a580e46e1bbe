"""The vocabulary the services share: messages, streams, delivery, and how a process is run.

No learning, no outbound HTTP and no storage lives here. The list of modules is a contract
(docs/architecture.md): a new one needs two services that use it, and a reason.
"""
