stance --target 张三丰 -f csv --table articles press/plain.txt
