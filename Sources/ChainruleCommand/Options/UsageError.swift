import ArgumentParser

/// Options cannot be used as they were given. The name keeps it apart from the compiler's `ValidationError`.
typealias UsageError = ArgumentParser.ValidationError
