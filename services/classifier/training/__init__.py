"""Offline: the corpus, training and evaluation. The running service never imports this."""
