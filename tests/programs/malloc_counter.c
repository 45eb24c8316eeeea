/* Preloaded in front of the C library: counts what this thread allocates or frees while told to. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

static __thread int counting;
static __thread long count;

void counter_start(void) { count = 0; counting = 1; }
long counter_stop(void) { counting = 0; return count; }

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) { count += counting; return __libc_malloc(size); }
void *calloc(size_t n, size_t size) { count += counting; return __libc_calloc(n, size); }
void *realloc(void *p, size_t size) { count += counting; return __libc_realloc(p, size); }
void free(void *p) { count += counting; __libc_free(p); }
