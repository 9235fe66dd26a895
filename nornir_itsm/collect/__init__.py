"""What a collection comes to: counted while it runs, and its failures by cause when it has ended."""
