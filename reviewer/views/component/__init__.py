"""What is installed, however it is declared: the table of components and the evidence of each."""
