# SPDX-License-Identifier: LGPL-2.1-or-later
"""One file for each family of commands; each has a function register()."""
