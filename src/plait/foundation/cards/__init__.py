"""Model metadata, readable without torch: card, weight headers, vocabulary, instruction ids, token automaton."""
