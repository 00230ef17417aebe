"""What all commands share: options, answers, tables, single shots."""
