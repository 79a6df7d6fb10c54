"""What is known of a model without torch: card, header, vocabulary, instruction ids, token automaton."""
