"""One file each: what was learnt from data, and how it scores. Models order; rules admit."""
