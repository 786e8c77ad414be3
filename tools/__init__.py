"""What nothing kept does for this book: strict comparison, and notebooks with steady bytes."""
