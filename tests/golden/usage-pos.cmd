freq --pos '[' press
