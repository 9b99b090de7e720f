"""What is asked of whoever measures, and what it answers: plain data that can be written and read.

Whether the one who measures stands in this process, in another, or on another machine makes no
difference to who asks.
"""
