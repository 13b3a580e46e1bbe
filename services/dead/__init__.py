"""Dead letters as an operator's tool: look at them, put them back, let them go.

scripts   the atomic steps inside the broker, and what each promises
letters   read: pages of letters, one letter with its history, filters
moves     replay and drop, many letters a call
showing   how it looks to people and programs
verbs     what `topicwire dead list|show|replay|drop` do
"""
