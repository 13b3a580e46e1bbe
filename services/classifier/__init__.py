"""Raw articles to labelled articles: clean, identify the language, score, decide, explain."""
