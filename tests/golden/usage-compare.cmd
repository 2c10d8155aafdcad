compare --odds 0 oven
