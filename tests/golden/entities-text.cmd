entities oven
