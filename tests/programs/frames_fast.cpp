// SPDX-License-Identifier: LGPL-2.1-or-later
/* frames_fast.cpp - the optimized half of frames.cpp: see frames.h. */
#define NAME fast
#include "frames.h"
