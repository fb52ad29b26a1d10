"""Detection of out-of-distribution clips from stored features of two modalities: the paper's second track."""
