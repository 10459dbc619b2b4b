"""What customers do in answer to effort: response curves, transitions and margin of any treatment, and
rigorous ranges of them over boxes of effort. Knows the domain types only."""
