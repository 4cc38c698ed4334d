/*
 * Adds steps and runs processes, and says each time what is done: whatever it said must be there
 * when it is killed.
 *
 *     host FOLDER
 */
#include <stdio.h>
#include <string.h>

#include "procside.h"

int main(int argc, char **argv)
{
    ps_project *project = NULL;
    char request[256];
    int i;

    if (argc != 2 || ps_project_open(argv[1], strlen(argv[1]), &project, NULL) != PS_OK)
        return 2;
    for (i = 0;; i++) {
        ps_buf *out = NULL;
        snprintf(request, sizeof request,
                 "{\"op\": \"add-step\", \"args\": {\"name\": \"Step %d\"}}", i);
        if (ps_call(project, request, strlen(request), &out, NULL) != PS_OK)
            return 1;
        ps_buf_free(out);
        printf("Step %d\n", i);
        fflush(stdout);
    }
}
