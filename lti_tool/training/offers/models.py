"""The tables of offers and of the rules that tie them to gaps."""
