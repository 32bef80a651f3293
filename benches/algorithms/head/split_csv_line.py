"""Fields of one line of comma-separated values; a field in quotes may hold commas and doubled quotes."""


def split_csv_line(line):
    fields = []
    field = ""
    quoted = False
    index = 0
    while index < len(line):
        character = line[index]
        if quoted:
            if character == '"' and line[index + 1:index + 2] == '"':
                field += '"'
                index += 2
            elif character == '"':
                quoted = False
            else:
                field += character
        elif character == '"':
            quoted = True
        elif character == ",":
            fields.append(field)
            field = ""
        else:
            field += character
        index += 1
    if quoted:
        raise ValueError("a quote is not closed")
    fields.append(field)
    return fields
