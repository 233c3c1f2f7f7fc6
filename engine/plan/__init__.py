"""What another version of a rule set would change in the books, over recorded orders. It posts nothing and asks no books."""
