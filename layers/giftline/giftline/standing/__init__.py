"""Standing orders: a template order, and the times at which it is ordered."""
