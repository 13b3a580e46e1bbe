"""The command `topicwire`."""
