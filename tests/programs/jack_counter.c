/* A JACK client that only counts its callbacks: what a C program gets in the same run.
   Built without JACK's headers; prints the count after argv[2] seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *jack_client_open(const char *name, int options, int *status, ...);
int jack_set_process_callback(void *client, int (*callback)(unsigned, void *), void *arg);
int jack_activate(void *client);
int jack_client_close(void *client);

static volatile long callbacks;

static int count(unsigned frames, void *arg) {
    (void)frames, (void)arg;
    callbacks++;
    return 0;
}

int main(int argc, char **argv) {
    int status = 0;
    void *client = jack_client_open(argv[1], 1, &status);
    if (argc < 3 || !client) return 1;
    jack_set_process_callback(client, count, 0);
    jack_activate(client);
    puts("ready");
    fflush(stdout);
    getchar(); /* begin when told */
    long before = callbacks;
    usleep((useconds_t)(atof(argv[2]) * 1e6));
    printf("%ld\n", callbacks - before);
    jack_client_close(client);
    return 0;
}
