entities --help
