//  nats_watch - a stock NATS client: prints `subject payload`, a line each, of all that a subject carries
//
//      nats_watch URL SUBJECT
//
//  Says `ready` when the server has the subscription: what is published after that is seen.
#include <stdio.h>
#include <stdlib.h>
#include <nats/nats.h>

static void
s_check (natsStatus status, const char *what)
{
    if (status != NATS_OK) {
        fprintf (stderr, "nats_watch: %s: %s\n", what, natsStatus_GetText (status));
        exit (1);
    }
}

int
main (int argc, char **argv)
{
    if (argc != 3) {
        fprintf (stderr, "usage: nats_watch URL SUBJECT\n");
        return 2;
    }
    natsConnection *connection = NULL;
    s_check (natsConnection_ConnectTo (&connection, argv [1]), "connect");
    natsSubscription *subscription = NULL;
    s_check (natsConnection_SubscribeSync (&subscription, connection, argv [2]), "subscribe");
    s_check (natsConnection_Flush (connection), "flush");
    printf ("ready\n");
    fflush (stdout);
    //  Whoever started it ends it; the time is far beyond any test.
    natsMsg *message = NULL;
    while (natsSubscription_NextMsg (&message, subscription, 3600 * 1000) == NATS_OK) {
        printf ("%s %.*s\n", natsMsg_GetSubject (message), natsMsg_GetDataLength (message), natsMsg_GetData (message));
        fflush (stdout);
        natsMsg_Destroy (message);
    }
    natsSubscription_Destroy (subscription);
    natsConnection_Destroy (connection);
    nats_Close ();
    return 0;
}
