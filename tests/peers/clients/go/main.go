// The Go SDK's client, as visit.cjs.
//
//	STUCK=name program legacy|auto|modern http URL
//	STUCK=name program legacy|auto|modern stdio COMMAND ARGUMENT…
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var versions = map[string]string{"legacy": "2025-11-25", "auto": "", "modern": "2026-07-28"}

type missing struct {
	IsError bool   `json:"isError"`
	Text    string `json:"text"`
}

// What the test looks at.
type sight struct {
	Server      string    `json:"server"`
	Version     string    `json:"version"`
	Tools       []string  `json:"tools"`
	Listed      any       `json:"listed"`
	Missing     missing   `json:"missing"`
	UnknownTool int64     `json:"unknownTool"`
	Progress    []float64 `json:"progress"`
	Cancelled   bool      `json:"cancelled"`
	After       any       `json:"after"`
}

func transport(kind, target string, arguments []string) mcp.Transport {
	if kind == "http" {
		return &mcp.StreamableClientTransport{Endpoint: target}
	}
	command := exec.Command(target, arguments...)
	command.Stderr = os.Stderr
	return &mcp.CommandTransport{Command: command}
}

func visit(mode, kind, target string, arguments []string) (*sight, error) {
	ctx := context.Background()
	waiting, giveUp := context.WithCancel(ctx)
	defer giveUp()
	progress := make(chan float64, 100)
	client := mcp.NewClient(&mcp.Implementation{Name: "sdk-go", Version: "1"}, &mcp.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			progress <- r.Params.Progress
			giveUp()
		},
	})
	session, err := client.Connect(ctx, transport(kind, target, arguments),
		&mcp.ClientSessionOptions{ProtocolVersion: versions[mode]})
	if err != nil {
		return nil, err
	}
	defer session.Close()
	seen := &sight{Version: session.InitializeResult().ProtocolVersion}
	if info := session.InitializeResult().ServerInfo; info != nil {
		seen.Server = info.Name
	}
	for tool, err := range session.Tools(ctx, nil) {
		if err != nil {
			return nil, err
		}
		seen.Tools = append(seen.Tools, tool.Name)
	}
	listed, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "list_postgres_clusters"})
	if err != nil {
		return nil, err
	}
	seen.Listed = listed.StructuredContent
	gone, err := session.CallTool(ctx, status("never-made"))
	if err != nil {
		return nil, err
	}
	seen.Missing = missing{gone.IsError, gone.Content[0].(*mcp.TextContent).Text}
	var refusal *jsonrpc.Error
	if _, err = session.CallTool(ctx, &mcp.CallToolParams{Name: "no_such_tool"}); errors.As(err, &refusal) {
		seen.UnknownTool = refusal.Code
	}

	stuck := &mcp.CallToolParams{Name: "create_postgres_cluster", Arguments: map[string]any{
		"name": os.Getenv("STUCK"), "instances": 1, "storage_size": "1Gi",
		"postgres_version": "13", "wait": true}}
	stuck.Meta = mcp.Meta{"progressToken": "stuck"}
	_, err = session.CallTool(waiting, stuck)
	seen.Cancelled = errors.Is(err, context.Canceled)
	seen.Progress = append(seen.Progress, <-progress)
	after, err := session.CallTool(ctx, status(os.Getenv("STUCK")))
	if err != nil {
		return nil, err
	}
	seen.After = after.StructuredContent
	return seen, nil
}

func status(name string) *mcp.CallToolParams {
	return &mcp.CallToolParams{Name: "get_cluster_status", Arguments: map[string]any{"name": name}}
}

func main() {
	seen, err := visit(os.Args[1], os.Args[2], os.Args[3], os.Args[4:])
	if err != nil {
		log.Fatal(err)
	}
	line, err := json.Marshal(seen)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(line))
}
