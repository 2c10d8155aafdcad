stance press/plain.txt --target ''
