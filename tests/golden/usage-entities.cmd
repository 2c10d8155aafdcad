entities --type people oven
