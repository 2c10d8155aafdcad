numbers --help
