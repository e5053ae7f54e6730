// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tlslib.c - a library with a thread-local variable; -DNAME=late makes it liblate.so with `late`
 * and late_address(). -DMODEL=initial-exec gives it static thread-local storage. Of C++ it is
 * made with a constructor.
 */
#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define TEXT2(a) #a
#define TEXT(a) TEXT2(a)

#ifdef __cplusplus
struct number {
	int value;
	number() : value(55) {}
};
thread_local number NAME;
extern "C" int *PASTE(NAME, _address)(void);

int *PASTE(NAME, _address)(void)
{
	return &NAME.value;
}
#else
int *PASTE(NAME, _address)(void);

#ifdef MODEL
__thread __attribute__((tls_model(TEXT(MODEL)))) int NAME = 55;
#else
__thread int NAME = 55;
#endif

int *PASTE(NAME, _address)(void)
{
	return &NAME;
}
#endif
