stance --help
