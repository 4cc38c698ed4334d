/*
 * Eight threads on one project: some change it, some drive it, one listens; then it is closed while
 * they are at it.
 *
 *     threads FOLDER STEPS
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "procside.h"

#define WRITERS 4
#define DRIVERS 2

static ps_project *project;
static int steps;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int handled;
static int ended;

static void must(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

static void call(const char *request)
{
    ps_buf *out = NULL;
    ps_error *err = NULL;
    int32_t status = ps_call(project, request, strlen(request), &out, &err);
    if (status != PS_OK)
        fprintf(stderr, "%s: %s\n", request, ps_error_message(err));
    must(status == PS_OK && err == NULL, "a call failed");
    ps_buf_free(out);
}

static int32_t handle(void *user, const char *work, size_t len, uint64_t token)
{
    static const char result[] = "{\"output\": 1}";
    ps_project *own = *(ps_project **)user;
    int32_t state;
    must(len == strlen(work), "the work is no text");
    /* What a handler may not do changes nothing. */
    ps_project_close(own);
    must(ps_drive(own, 0, &state, NULL) == PS_CONFLICT, "a handler drove");
    must(ps_heartbeat(own, token, "{\"n\": 1}", 8, NULL, NULL) == PS_OK, "no heartbeat");
    must(ps_complete(own, token, result, sizeof result - 1, NULL) == PS_OK, "not completed");
    pthread_mutex_lock(&lock);
    handled++;
    pthread_mutex_unlock(&lock);
    return PS_OK;
}

static void *write_steps(void *arg)
{
    int i;
    for (i = 0; i < steps; i++) {
        call("{\"op\": \"add-step\", \"args\": {\"name\": \"One more\", \"process\": \"proc-001\"}}");
        call("{\"op\": \"list\"}");
        call("{\"op\": \"run\", \"args\": {\"source\": \"flow.yaml\", \"detach\": true}}");
    }
    return arg;
}

static void *drive(void *arg)
{
    int32_t state = PS_DRIVE_PROGRESS;
    int is_over = 0;
    while (!is_over || state != PS_DRIVE_IDLE) {
        pthread_mutex_lock(&lock);
        is_over = ended;
        pthread_mutex_unlock(&lock);
        must(ps_drive(project, 100, &state, NULL) == PS_OK, "not driven");
    }
    return arg;
}

static void *listen(void *arg)
{
    ps_events *events = arg;
    int wanted = WRITERS * steps, created = 0;
    while (created < wanted) {
        ps_buf *out = NULL;
        must(ps_events_next(events, 60000, &out, NULL) == PS_OK && out != NULL, "no event");
        created += strstr(ps_buf_data(out), "\"type\":\"process_ended\"") != NULL;
        ps_buf_free(out);
    }
    return arg;
}

static void *patch(void *arg)
{
    static const char patches[] = "[{\"operation\":\"append\",\"location\":\"# A\",\"content\":\"b\"}]";
    int i;
    for (i = 0; i < 20 * steps; i++) {
        ps_buf *out = NULL, *inverse = NULL;
        must(ps_patch_text("# A\n", 4, patches, sizeof patches - 1, &out, &inverse, NULL) == PS_OK,
             "not patched");
        ps_buf_free(out);
        ps_buf_free(inverse);
    }
    return arg;
}

/* Waits in a call while the project is closed. */
static void *linger(void *arg)
{
    int32_t state = PS_DRIVE_PROGRESS;
    while (ps_drive(project, 60000, &state, NULL) == PS_OK)
        ;
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t threads[WRITERS + DRIVERS + 2], late;
    ps_events *events = NULL;
    char path[4096];
    FILE *file;
    int i, n = 0;

    if (argc != 3)
        return 2;
    steps = atoi(argv[2]);
    snprintf(path, sizeof path, "%s/flow.yaml", argv[1]);
    file = fopen(path, "w");
    must(file != NULL, "no file");
    fputs("name: flow\nsteps:\n  - {id: a, type: agent_task, agent: worker, message: m}\n", file);
    fclose(file);
    must(ps_project_init(argv[1], strlen(argv[1]), &project, NULL) == PS_OK, "no project");
    call("{\"op\": \"init\", \"args\": {\"name\": \"Work\"}}");
    must(ps_handler_set(project, "worker", 6, handle, &project, NULL, NULL) == PS_OK, "no handler");
    must(ps_events_open(project, NULL, 0, 0, &events, NULL) == PS_OK, "no feed");
    for (i = 0; i < WRITERS; i++)
        must(pthread_create(&threads[n++], NULL, write_steps, NULL) == 0, "no thread");
    for (i = 0; i < DRIVERS; i++)
        must(pthread_create(&threads[n++], NULL, drive, NULL) == 0, "no thread");
    must(pthread_create(&threads[n++], NULL, listen, events) == 0, "no thread");
    must(pthread_create(&threads[n++], NULL, patch, NULL) == 0, "no thread");
    for (i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_lock(&lock);
    ended = 1;
    pthread_mutex_unlock(&lock);
    for (i = WRITERS; i < n; i++)
        pthread_join(threads[i], NULL);
    must(pthread_create(&late, NULL, linger, NULL) == 0, "no thread");
    ps_events_close(events);
    ps_project_close(project);
    pthread_join(late, NULL);
    printf("%d handled\n", handled);
    return 0;
}
