"""The four blocks that an operator fills in: what each does when it is sent, and how it reads when done."""
