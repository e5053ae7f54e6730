# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make the schema's tables in C (build/proto/schema.h, schema.c) from protoc's descriptor set.

protobuf-c's own descriptors lack the (criu) options and are laid out for its decoder; the JSON
codec walks these instead. What the structures mean is in libcritcore/src/image/schema.h.

    tables.py SCHEMA.binpb OUTPUT_DIR

The set is read with the twenty lines of protobuf below, so that no Python package is needed. Kinds
of field that CRIU's schema has never had, and that the codec therefore does not handle, stop the
build here.
"""

import os
import sys

CRIU_OPTIONS = 50018
TYPES = {3: "INT64", 4: "UINT64", 5: "INT32", 6: "FIXED64", 8: "BOOL", 9: "STRING", 11: "MESSAGE",
         12: "BYTES", 13: "UINT32", 14: "ENUM", 17: "SINT32", 18: "SINT64"}
LABELS = {1: "OPTIONAL", 2: "REQUIRED", 3: "REPEATED"}
MOST_FIELDS = 64
NUMBERS = {"INT64", "UINT64", "INT32", "FIXED64", "UINT32", "SINT32", "SINT64"}


def varint(data, pos):
    value = shift = 0
    while True:
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, pos


def fields(data):
    """{number: [values]} of a message; a value is an int or bytes."""
    out, pos = {}, 0
    while pos < len(data):
        key, pos = varint(data, pos)
        if key & 7 == 0:
            value, pos = varint(data, pos)
        elif key & 7 == 2:
            size, pos = varint(data, pos)
            value, pos = data[pos:pos + size], pos + size
        else:
            raise ValueError(f"wire type {key & 7} in a descriptor set")
        out.setdefault(key >> 3, []).append(value)
    return out


def text(message, number):
    return message[number][0].decode() if number in message else ""


def criu_options(field):
    """{hex, ipadd, flags, dev, odev, dict, conv} of a FieldDescriptorProto."""
    options = fields(field[8][0]) if 8 in field else {}
    # protoc may write one extension in several pieces; together they are the message.
    found = fields(b"".join(options.get(CRIU_OPTIONS, [])))
    names = {1: "hex", 2: "ipadd", 3: "flags", 4: "dev", 5: "odev", 6: "dict", 7: "conv"}
    return {names[number]: values[-1] for number, values in found.items()}


def is_packed(field):
    return bool(field.get(8)) and fields(field[8][0]).get(2) == [1]


def ident(name):
    return name.replace(".", "_")


def style(field, options, type_name, name):
    """(style, names table): how --pretty shows the field; hex wins over dev, flags, dict."""
    if options.get("conv") == b"unix_name" and type_name == "BYTES":
        return "QUOTED", None
    if options.get("ipadd"):
        if type_name != "UINT32" or LABELS[field[4][0]] != "REPEATED":
            sys.exit(f"{name}: ipadd is for repeated uint32")
        return "IP", None
    if options.get("hex"):
        return "HEX", None
    if options.get("dev"):
        return "ODEV" if options.get("odev") else "DEV", None
    if options.get("flags"):
        return "FLAGS", options["flags"].decode()
    if options.get("dict"):
        return "DICT", options["dict"].decode() + "." + name
    if options:
        sys.exit(f"{name}: options {options} mean nothing to the codec")
    return "PLAIN", None


class Schema:
    """All messages and enums of package criu, with the full name without the package as key."""

    def __init__(self, data):
        self.messages, self.enums, self.tables = {}, {}, {}
        for file in fields(data).get(1, []):
            file = fields(file)
            if text(file, 2) == "criu":
                self.add_scope(file, 4, 5, "")

    def add_scope(self, scope, messages, enums, prefix):
        for enum in scope.get(enums, []):
            enum = fields(enum)
            values = [(fields(value)[2][0], text(fields(value), 1)) for value in enum.get(2, [])]
            self.enums[prefix + text(enum, 1)] = values
        for message in scope.get(messages, []):
            message = fields(message)
            name = prefix + text(message, 1)
            if name == "CRIU_Opts":
                continue
            if len(message.get(2, [])) > MOST_FIELDS:
                sys.exit(f"{name}: more fields than the encoder's bitmap of them has bits")
            rows = [self.field_row(fields(field), name) for field in message.get(2, [])]
            self.messages[name] = sorted(rows, key=lambda row: row["number"])
            self.add_scope(message, 3, 4, name + ".")

    def field_row(self, field, owner):
        name, number = text(field, 1), field[3][0]
        where = f"{owner}.{name}"
        if field[5][0] not in TYPES:
            sys.exit(f"{where}: a field type that the codec does not handle")
        type_name, label = TYPES[field[5][0]], LABELS[field[4][0]]
        if label == "REPEATED" and type_name in ("ENUM", "BYTES", "BOOL"):
            sys.exit(f"{where}: the codec handles no repeated {type_name}")
        if is_packed(field) and type_name not in NUMBERS - {"FIXED64"}:
            sys.exit(f"{where}: the codec handles no packed {type_name}")
        how, table = style(field, criu_options(field), type_name, name)
        if table:
            self.tables[table] = "NAMES_" + table.replace(".", "_").upper()
        return {"number": number, "name": name, "type": type_name, "label": label, "style": how,
                "packed": is_packed(field), "table": self.tables.get(table),
                "of": text(field, 6).removeprefix(".criu.")}


def c_enum(name, values):
    rows = "".join(f'\t{{ {number}, {len(label)}, "{label}" }},\n'
                   for number, label in sorted(values))
    return (f"static const struct schema_value enum_{ident(name)}_values[] = {{\n{rows}}};\n"
            f'static const struct schema_enum enum_{ident(name)} = {{ "{name}", '
            f"enum_{ident(name)}_values, {len(values)} }};\n\n")


def c_field(row):
    what = ""
    if row["type"] == "MESSAGE":
        what = f", .message = &schema_{ident(row['of'])}"
    elif row["type"] == "ENUM":
        what = f", .enumeration = &enum_{ident(row['of'])}"
    if row["table"]:
        what += f", .names = {row['table']}"
    if row["packed"]:
        what += ", .packed = true"
    # Padded, so that it can be copied by sixteen bytes.
    key = f', \\"{row["name"]}\\": '
    key += "\\0" * (-(len(row["name"]) + 6) % 16 + 2)
    return (f"\t{{ {row['number']}, SCHEMA_{row['type']}, SCHEMA_{row['label']}, "
            f"STYLE_{row['style']}, {len(row['name'])}, \"{row['name']}\", \"{key}\"{what} }},\n")


def c_message(name, rows):
    required = sum(row["label"] == "REQUIRED" for row in rows)
    table = "NULL"
    out = ""
    if rows:
        table = f"fields_{ident(name)}"
        out = f"static const struct schema_field {table}[] = {{\n"
        out += "".join(c_field(row) for row in rows) + "};\n"
    return (out + f'const struct schema_message schema_{ident(name)} = {{ "{name}", {table}, '
            f"{len(rows)}, {required} }};\n\n")


def header(schema):
    names = "".join(f"\t{ident},\n" for ident in sorted(schema.tables.values()))
    externs = "".join(f"extern const struct schema_message schema_{ident(name)};\n"
                      for name in sorted(schema.messages))
    return ("/* Made by proto/tables.py. */\n#ifndef SCHEMA_TABLES_H\n#define SCHEMA_TABLES_H\n\n"
            "/** Tables of names that options of fields mention. */\n"
            f"enum schema_names {{\n\tNAMES_NONE,\n{names}\tNR_NAMES,\n}};\n\n"
            f"struct schema_message;\n{externs}\n#endif\n")


def main():
    source, folder = sys.argv[1:]
    with open(source, "rb") as file:
        schema = Schema(file.read())
    if len(schema.messages) < 50:
        sys.exit(f"{source}: only {len(schema.messages)} messages: is this the schema?")
    with open(os.path.join(folder, "schema-tables.h"), "w", encoding="ascii") as out:
        out.write(header(schema))
    with open(os.path.join(folder, "schema-tables.c"), "w", encoding="ascii") as out:
        out.write('/* Made by proto/tables.py. */\n#include "image/schema.h"\n\n')
        used = {row["of"] for rows in schema.messages.values() for row in rows}
        out.write("".join(c_enum(name, values) for name, values in sorted(schema.enums.items())
                          if name in used))
        out.write("".join(c_message(*item) for item in sorted(schema.messages.items())))


main()
