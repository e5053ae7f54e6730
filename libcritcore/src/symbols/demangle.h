/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* demangle.h - names of C++, Rust and D functions as their programmers wrote them. */
#ifndef CRIT_SYMBOLS_DEMANGLE_H
#define CRIT_SYMBOLS_DEMANGLE_H

/**
 * @param symbol  Of any bytes: it comes out of a file. @return The name, for free(); NULL: it is
 *                not mangled, or grows beyond reason.
 */
char *demangle(const char *symbol);

#endif
