"""What an order is and how it comes to its end: pure rules and use cases."""
