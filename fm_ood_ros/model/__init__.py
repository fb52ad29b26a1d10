"""The model bundle: graph, label set, score scale, and where the shipped ones lie."""
