info ../reader/formats
