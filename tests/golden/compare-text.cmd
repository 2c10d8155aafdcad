compare oven
