/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * style.h - numbers that are written as text: what --pretty prints, what Python's int(x, 0)
 * takes, and 64-bit numbers in quotes.
 *
 *	"0x1f" "-0x1" "0x-1" "0o17" "0b101" "42"	everywhere
 *	"PROT_READ | 0x10"				STYLE_FLAGS; "" is 0
 *	"ESTABLISHED"					STYLE_DICT
 *	"8:1"						STYLE_DEV, STYLE_ODEV
 *	"10.0.0.1", "::1"				STYLE_IP
 */
#ifndef CRIT_ENCODE_STYLE_H
#define CRIT_ENCODE_STYLE_H

#include "image/schema.h"
#include "json/reader.h"

/** A literal alone. @return false: it is none, or does not fit into 64 bits. */
bool style_parse_int(const char *text, size_t len, struct json_int *out);

/** @param style  Of the field; STYLE_IP and STYLE_QUOTED are like STYLE_PLAIN here. */
bool style_parse_number(enum schema_style style, enum schema_names names, const char *text,
			size_t len, struct json_int *out);

/**
 * The words of an address as CRIU keeps them: in network order, read as integers of the machine
 * that dumped.
 * @return how many: 1 or 4; 0: it is no address.
 */
unsigned style_parse_ip(const char *text, size_t len, bool big_endian, uint32_t words[4]);

#endif
