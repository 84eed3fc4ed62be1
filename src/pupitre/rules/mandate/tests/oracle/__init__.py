"""An oracle of the matrix, written from decision 0010 alone, and what compares it with the code."""
