"""What was: every incident and every track that is kept, and the questions that may be asked of them."""
