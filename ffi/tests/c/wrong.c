/*
 * Everything that a caller can do wrong gets a status or does nothing; nothing crashes.
 *
 *     wrong FOLDER
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "procside.h"

static int count;

#define CHECK(holds)                                                      \
    do {                                                                  \
        count++;                                                          \
        if (!(holds)) {                                                   \
            fprintf(stderr, "line %d: %s does not hold\n", __LINE__, #holds); \
            exit(1);                                                      \
        }                                                                 \
    } while (0)

static int freed;

static void free_user(void *user)
{
    freed += *(int *)user;
}

static int32_t handle(void *user, const char *work, size_t len, uint64_t token)
{
    (void)user, (void)work, (void)len, (void)token;
    return PS_OK;
}

/* Checks that a call failed so, with an error that says why, and frees the error. */
static void refused(int line, int32_t status, int32_t expected, const char *kind, ps_error *err)
{
    count++;
    if (status != expected || err == NULL || strcmp(ps_error_kind(err), kind) != 0 ||
        ps_error_code(err) != status || strlen(ps_error_message(err)) == 0 ||
        ps_error_details(err)[0] != '{') {
        fprintf(stderr, "line %d: status %d, kind %s: %s\n", line, (int)status,
                ps_error_kind(err), ps_error_message(err));
        exit(1);
    }
    ps_error_free(err);
    ps_error_free(err);
    CHECK(ps_error_message(err)[0] == 0 && ps_error_code(err) == PS_USAGE);
}

#define REFUSED(status, kind, call)                         \
    do {                                                    \
        ps_error *err = NULL;                               \
        int32_t got = (call);                               \
        refused(__LINE__, got, status, kind, err);          \
    } while (0)

static void nulls_do_nothing(void)
{
    ps_buf_free(NULL);
    ps_error_free(NULL);
    ps_project_close(NULL);
    ps_events_close(NULL);
    CHECK(ps_buf_len(NULL) == 0 && ps_buf_data(NULL)[0] == 0);
    CHECK(ps_error_hint(NULL) != NULL && ps_error_kind(NULL)[0] == 0);
    CHECK(ps_abi_version() == PS_ABI_VERSION && strlen(ps_version()) > 0);
}

static void projects(const char *folder)
{
    ps_project *project = NULL;
    size_t len = strlen(folder);

    REFUSED(PS_USAGE, "usage", ps_project_open(NULL, 3, &project, &err));
    REFUSED(PS_USAGE, "usage", ps_project_open(folder, 0, &project, &err));
    REFUSED(PS_USAGE, "usage", ps_project_open(folder, len, NULL, &err));
    REFUSED(PS_USAGE, "usage", ps_project_open(folder, SIZE_MAX, &project, &err));
    REFUSED(PS_USAGE, "usage", ps_project_open(folder, (size_t)PTRDIFF_MAX + 1, &project, &err));
    REFUSED(PS_INVALID, "invalid", ps_project_open("\xff\xfe", 2, &project, &err));
    REFUSED(PS_NOT_FOUND, "not_found", ps_project_open(folder, len, &project, &err));
    REFUSED(PS_NOT_FOUND, "not_found", ps_project_init("/no/such/folder", 15, &project, &err));
    CHECK(ps_project_open(folder, len, &project, NULL) == PS_NOT_FOUND);
    CHECK(project == NULL);
}

static void calls(ps_project *project)
{
    static const char list[] = "{\"op\": \"list\"}";
    ps_buf *out = NULL, *same;
    int32_t number = 0;

    REFUSED(PS_USAGE, "usage", ps_call(NULL, list, strlen(list), &out, &err));
    REFUSED(PS_USAGE, "usage", ps_call(project, NULL, 0, &out, &err));
    REFUSED(PS_USAGE, "usage", ps_call(project, list, strlen(list), NULL, &err));
    CHECK(out == NULL);
    /* From here on there is an answer as well. */
    REFUSED(PS_USAGE, "usage", ps_call(project, list, SIZE_MAX, &out, &err));
    CHECK(strstr(ps_buf_data(out), "\"ok\":false") != NULL);
    ps_buf_free(out);
    REFUSED(PS_USAGE, "usage", ps_call(project, "\xff", 1, &out, &err));
    CHECK(strstr(ps_buf_data(out), "\"kind\":\"usage\"") != NULL);
    ps_buf_free(out);
    REFUSED(PS_USAGE, "usage", ps_call(project, "{", 1, &out, &err));
    ps_buf_free(out);
    REFUSED(PS_USAGE, "usage", ps_call(project, "{\"op\":\"frob\"}", 13, &out, &err));
    ps_buf_free(out);
    REFUSED(PS_USAGE, "usage", ps_call(project, "", 0, &out, &err));
    ps_buf_free(out);
    CHECK(ps_call(project, list, strlen(list), &out, NULL) == PS_OK);
    same = out;
    CHECK(ps_buf_len(out) > 2 && ps_buf_data(out)[ps_buf_len(out)] == 0);
    ps_buf_free(out);
    ps_buf_free(same);
    CHECK(ps_buf_len(same) == 0);
    /* A handle of another kind is none. */
    REFUSED(PS_USAGE, "usage", ps_drive((ps_project *)(void *)same, 0, &number, &err));
    REFUSED(PS_USAGE, "usage", ps_drive((ps_project *)(void *)&number, 0, &number, &err));
    REFUSED(PS_USAGE, "usage", ps_drive(project, 0, NULL, &err));
}

static void texts(void)
{
    ps_buf *out = NULL, *inverse = NULL;

    REFUSED(PS_USAGE, "usage", ps_patch_text(NULL, 1, "[]", 2, &out, NULL, &err));
    REFUSED(PS_USAGE, "usage", ps_patch_text("", 0, NULL, 1, &out, &inverse, &err));
    REFUSED(PS_USAGE, "usage", ps_patch_text("", 0, "[]", 2, NULL, &inverse, &err));
    REFUSED(PS_USAGE, "usage", ps_patch_text("", SIZE_MAX, "[]", 2, &out, NULL, &err));
    REFUSED(PS_INVALID, "invalid", ps_patch_text("\xff", 1, "[]", 2, &out, NULL, &err));
    REFUSED(PS_INVALID, "invalid_patch", ps_patch_text("", 0, "nonsense", 8, &out, NULL, &err));
    CHECK(out == NULL && inverse == NULL);
}

static void handlers(ps_project *project)
{
    /* It is freed with the project. */
    static int user = 1;
    int32_t state = 0;

    REFUSED(PS_USAGE, "usage", ps_handler_set(project, "a", 1, NULL, &user, free_user, &err));
    REFUSED(PS_USAGE, "usage", ps_handler_set(NULL, "a", 1, handle, &user, free_user, &err));
    REFUSED(PS_USAGE, "usage", ps_handler_set(project, "", 0, handle, &user, free_user, &err));
    CHECK(freed == 3);
    CHECK(ps_handler_set(project, "a", 1, handle, &user, free_user, NULL) == PS_OK);
    CHECK(ps_handler_set(project, "a", 1, handle, &user, free_user, NULL) == PS_OK);
    CHECK(freed == 4);
    REFUSED(PS_NOT_FOUND, "not_found", ps_complete(project, 7, "{}", 2, &err));
    REFUSED(PS_INVALID, "invalid", ps_complete(project, 7, "{\"out\": 1}", 10, &err));
    REFUSED(PS_NOT_FOUND, "not_found", ps_heartbeat(project, 7, NULL, 0, NULL, &err));
    REFUSED(PS_INVALID, "invalid", ps_heartbeat(project, 7, "{", 1, &state, &err));
    CHECK(ps_drive(project, 5000, &state, NULL) == PS_OK);
    REFUSED(PS_CONFLICT, "conflict", ps_handler_set(project, "b", 1, handle, &user, free_user, &err));
    CHECK(freed == 5);
    CHECK(ps_drive_stop(project, 5000, NULL, NULL) == PS_OK);
    CHECK(ps_drive_stop(project, 0, &state, NULL) == PS_OK && state == 1);
}

static void feeds(ps_project *project)
{
    ps_events *events = NULL;
    ps_buf *out = NULL;

    REFUSED(PS_INVALID, "invalid", ps_events_open(project, "../x", 4, 0, &events, &err));
    REFUSED(PS_NOT_FOUND, "not_found", ps_events_open(project, "proc-009", 8, 0, &events, &err));
    REFUSED(PS_USAGE, "usage", ps_events_open(project, NULL, 8, 0, &events, &err));
    REFUSED(PS_USAGE, "usage", ps_events_open(project, NULL, 0, 0, NULL, &err));
    CHECK(ps_events_open(project, NULL, 0, -1, &events, NULL) == PS_OK);
    REFUSED(PS_USAGE, "usage", ps_events_next(events, 0, NULL, &err));
    CHECK(ps_events_next(events, 1, &out, NULL) == PS_OK && out == NULL);
    ps_events_close(events);
    ps_events_close(events);
    REFUSED(PS_USAGE, "usage", ps_events_next(events, 0, &out, &err));
    REFUSED(PS_USAGE, "usage", ps_events_next(NULL, 0, &out, &err));
}

int main(int argc, char **argv)
{
    ps_project *project = NULL;
    ps_buf *out = NULL;

    if (argc != 2)
        return 2;
    nulls_do_nothing();
    texts();
    projects(argv[1]);
    CHECK(ps_project_init(argv[1], strlen(argv[1]), &project, NULL) == PS_OK);
    calls(project);
    handlers(project);
    feeds(project);
    REFUSED(PS_USAGE, "usage", ps_project_notices(project, NULL, &err));
    CHECK(ps_project_notices(project, &out, NULL) == PS_OK && ps_buf_data(out)[0] == '[');
    ps_buf_free(out);
    ps_project_close(project);
    ps_project_close(project);
    CHECK(freed == 6);
    REFUSED(PS_USAGE, "usage", ps_project_notices(project, &out, &err));
    REFUSED(PS_USAGE, "usage", ps_call(project, "{}", 2, &out, &err));
    printf("%d checks\n", count);
    return 0;
}
