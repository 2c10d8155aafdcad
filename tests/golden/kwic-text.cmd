kwic --query 他 --sort right1,left1 --window 4 press
