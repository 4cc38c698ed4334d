/*
 * What calls cost: `cargo bench -p procside-ffi` runs it beside the same calls in Rust.
 *
 *     bench FOLDER ROUNDS
 *
 * FOLDER is a project. It prints JSON: nanoseconds for each call, and bytes.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "procside.h"

static double now_ns(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, by_size);
    return times[count / 2];
}

int main(int argc, char **argv)
{
    static const char text[] = "# A\n\nText.\n";
    static const char patches[] = "[{\"operation\":\"append\",\"location\":\"# A\",\"content\":\"b\"}]";
    static const char list[] = "{\"op\":\"list\",\"args\":{\"all\":true}}";
    int rounds = argc == 3 ? atoi(argv[2]) : 0, i;
    double *times = calloc((size_t)rounds + 1, sizeof *times), start, patch, version, call, open;
    ps_project *project = NULL;
    ps_buf *out = NULL;
    size_t bytes = 0;

    if (rounds < 1 || times == NULL)
        return 2;
    start = now_ns();
    if (ps_project_open(argv[1], strlen(argv[1]), &project, NULL) != PS_OK ||
        ps_call(project, list, sizeof list - 1, &out, NULL) != PS_OK)
        return 1;
    open = now_ns() - start;
    ps_buf_free(out);
    for (i = 0; i < rounds; i++) {
        start = now_ns();
        if (ps_patch_text(text, sizeof text - 1, patches, sizeof patches - 1, &out, NULL, NULL))
            return 1;
        ps_buf_free(out);
        times[i] = now_ns() - start;
    }
    patch = median(times, rounds);
    for (i = 0; i < rounds; i++) {
        start = now_ns();
        if (ps_project_notices(project, &out, NULL) != PS_OK)
            return 1;
        ps_buf_free(out);
        times[i] = now_ns() - start;
    }
    version = median(times, rounds);
    rounds = rounds / 20 + 1;
    for (i = 0; i < rounds; i++) {
        start = now_ns();
        if (ps_call(project, list, sizeof list - 1, &out, NULL) != PS_OK)
            return 1;
        bytes = ps_buf_len(out);
        ps_buf_free(out);
        times[i] = now_ns() - start;
    }
    call = median(times, rounds);
    printf("{\"open_list_ns\":%.0f,\"patch_text_ns\":%.0f,\"notices_ns\":%.0f,\"list_ns\":%.0f,"
           "\"list_bytes\":%lu}\n",
           open, patch, version, call, (unsigned long)bytes);
    ps_project_close(project);
    free(times);
    return 0;
}
