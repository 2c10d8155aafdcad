quotes --help
