/*
 * A process that outlives the program that runs it: a handler in C, a crash, a resume.
 *
 *     cc engine.c -lprocside -o engine && ./engine EMPTY_FOLDER
 *
 * A first program drives until its handler kills it in the middle of the second step. Another one
 * goes on from there: the first step is not performed again, and the second one comes under the same
 * key, by which a handler tells that it may have been done already.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "procside.h"

static const char FLOW[] = "name: pay\n"
                           "steps:\n"
                           "  - {id: reserve, type: agent_task, agent: bank, message: Reserve}\n"
                           "  - {id: pay, type: agent_task, agent: bank, message: Pay,\n"
                           "     depends_on: reserve}\n";

/* What the handler knows. */
typedef struct bank {
    ps_project *project;
    int is_first;
    int performed;
    char key[128];
} bank;

static void fail(const char *what, ps_error *err)
{
    fprintf(stderr, "%s: %s: %s\n", what, ps_error_kind(err), ps_error_message(err));
    ps_error_free(err);
    exit(1);
}

static int32_t perform(void *user, const char *work, size_t len, uint64_t token)
{
    static const char result[] = "{\"output\": {\"done\": true}}";
    bank *self = user;
    json attempt = {work, len}, key = json_get(attempt, "key");
    ps_error *err = NULL;

    if (self->is_first && json_is(json_get(attempt, "step"), "pay"))
        kill(getpid(), SIGKILL);
    self->performed++;
    snprintf(self->key, sizeof self->key, "%.*s", (int)key.len, key.data);
    if (ps_complete(self->project, token, result, sizeof result - 1, &err) != PS_OK)
        fail("complete", err);
    return PS_OK;
}

/* Opens the project and drives it until nothing moves any more. */
static void work_in(const char *folder, bank *bank, const char *start)
{
    ps_project *project = NULL;
    ps_error *err = NULL;
    ps_buf *answer = NULL;
    int32_t state = PS_DRIVE_PROGRESS;

    if (ps_project_open(folder, strlen(folder), &project, &err) != PS_OK)
        fail("open", err);
    bank->project = project;
    if (ps_handler_set(project, "bank", 4, perform, bank, NULL, &err) != PS_OK)
        fail("set handler", err);
    if (ps_call(project, start, strlen(start), &answer, &err) != PS_OK)
        fail("start", err);
    ps_buf_free(answer);
    while (state != PS_DRIVE_IDLE)
        if (ps_drive(project, 5000, &state, &err) != PS_OK)
            fail("drive", err);
    ps_project_close(project);
}

int main(int argc, char **argv)
{
    static const char start[] = "{\"op\": \"run\", \"args\": {\"source\": \"pay.yaml\", \"key\": "
                                "\"order-1\", \"detach\": true}}";
    static const char show[] = "{\"op\": \"show\", \"args\": {\"id\": \"proc-001\"}}";
    bank first = {NULL, 1, 0, ""}, second = {NULL, 0, 0, ""};
    ps_project *project = NULL;
    ps_error *err = NULL;
    ps_buf *answer = NULL;
    char path[4096];
    int status = 0;
    FILE *file;
    pid_t child;
    json process;

    if (argc != 2)
        return 2;
    snprintf(path, sizeof path, "%s/pay.yaml", argv[1]);
    file = fopen(path, "w");
    if (file == NULL || fputs(FLOW, file) < 0 || fclose(file) != 0)
        return 1;

    /* A program that has used the library must not fork and go on, so nothing was called so far. */
    child = fork();
    if (child == 0) {
        if (ps_project_init(argv[1], strlen(argv[1]), &project, &err) != PS_OK)
            fail("init", err);
        ps_project_close(project);
        work_in(argv[1], &first, start);
        _exit(0);
    }
    waitpid(child, &status, 0);

    /* The same key gives the same process: starting again does no harm. */
    work_in(argv[1], &second, start);
    if (ps_project_open(argv[1], strlen(argv[1]), &project, &err) != PS_OK)
        fail("open", err);
    if (ps_call(project, show, strlen(show), &answer, &err) != PS_OK)
        fail("show", err);
    process.data = ps_buf_data(answer);
    process.len = ps_buf_len(answer);
    process = json_get(json_get(json_get(process, "data"), "process"), "status");
    printf("{\"killed\":%s,\"performed_again\":%d,\"key\":%s,\"status\":%.*s}\n",
           WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? "true" : "false", second.performed,
           second.key, (int)process.len, process.data);
    ps_buf_free(answer);
    ps_project_close(project);
    return 0;
}
