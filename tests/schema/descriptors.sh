#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Print the table of all descriptors in the C code generated from proto/, for test_schema.c:
#
#	descriptors.sh DIR >schema-descriptors.h
#
# DIR has the *.pb-c.h files. protobuf-c keeps no list of what it generated, so we take the names
# from the declarations.

set -eu

dir=$1

# list TYPE NAME: the array NAME of pointers to every TYPE declared.
list() {
	printf '\nstatic const %s *const %s[] = {\n' "$1" "$2"
	sed -n "s/^extern const $1 *\([a-z0-9_]*\);.*/	\&\1,/p" "$dir"/*.pb-c.h
	printf '};\n'
}

printf '// Made by descriptors.sh.\n\n'
for header in "$dir"/*.pb-c.h; do
	printf '#include "%s"\n' "${header##*/}"
done
list ProtobufCMessageDescriptor all_messages
list ProtobufCEnumDescriptor all_enums
