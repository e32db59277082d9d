"""What `onramp replay` and `onramp local` say."""

REHEARSAL = {
    # --- words that stand before a name, and headings
    "on": "対象:",
    "of": "持ち主:",
    "in": "アカウント:",
    "as": "ロール:",
    "by": "時間:",
    "without": "外す:",
    "service": "サービス",
    "services": "サービス",
    "client": "クライアント",
    "refused": "拒否",
    "runs": "実行",
    "AWS calls": "AWS の呼び出し",
    "mutating": "うち変更",
    "transitions": "状態遷移",
    "invocations": "関数の呼び出し",
    "in all": "合計",
    "the product used": "製品が使ったもの",
    "(empty)": "(なし)",
    "{number} lines are not told: nobody read what was told before them": (
        "{number} 行を出力していません: それより前の出力が読まれませんでした"
    ),
    # --- onramp replay
    "building the world": "世界を組み立てています",
    "{time} simulated, {number} calls": "シミュレーション {time}、呼び出し {number} 回",
    "{time} simulated, 1 call": "シミュレーション {time}、呼び出し 1 回",
    "{number} recorded events of {name}": "{name} の記録されたイベント {number} 件",
    "1 recorded event of {name}": "{name} の記録されたイベント 1 件",
    "{number} recorded events of {name} for stack {stack}": "スタック {stack} に送る {name} のイベント {number} 件",
    "1 recorded event of {name} for stack {stack}": "スタック {stack} に送る {name} のイベント 1 件",
    "--{option} is for the local cloud, not for --deployed": (
        "--{option} はローカルクラウド用で、--deployed とは併用できません"
    ),
    "--{option} is only for --deployed": "--{option} は --deployed と併用してください",
    "there is no story, file or folder called {name}; did you mean {other}? The stories are {all}": (
        "{name} というストーリー、ファイル、フォルダーはありません。{other} のことですか? ストーリーは {all} です"
    ),
    "there is no story, file or folder called {name}; the stories are {all}": (
        "{name} というストーリー、ファイル、フォルダーはありません。ストーリーは {all} です"
    ),
    "{folder} holds neither a story.yaml nor *.json; the stories are {all}": (
        "{folder} には story.yaml も *.json もありません。ストーリーは {all} です"
    ),
    "{folder} holds no recorded events (*.json), and only those can be sent to a deployment": (
        "{folder} には記録されたイベント (*.json) がありません。デプロイに送れるのはそれだけです"
    ),
    "--account {pair}: write two account ids of 12 digits, OLD=NEW": (
        "--account {pair}: 12 桁のアカウント ID を 2 つ、OLD=NEW の形で書いてください"
    ),
    "--account {pair}: {account} is mapped twice": "--account {pair}: {account} が 2 回指定されています",
    "--account {pair}: no event names account {account}": (
        "--account {pair}: アカウント {account} が出てくるイベントはありません"
    ),
    "--timeout {text}: write 90s, 10m or 1h": "--timeout {text}: 90s、10m、1h のように書いてください",
    "there are no AWS credentials: {words}; set them up, or give --profile": (
        "AWS の認証情報がありません: {words}。設定するか、--profile を指定してください"
    ),
    "no region is chosen; give --region": "リージョンが選ばれていません。--region を指定してください",
    "there is no stack {stack} in this account and region": (
        "このアカウントとリージョンに、スタック {stack} はありません"
    ),
    "nothing can come of it: {why}": "何も起こりえません: {why}",
    "it led to no event like {file}: {words}": "{file} のようなイベントは起きませんでした: {words}",
    "NOT AS EXPECTED": "想定と異なる",
    "event file {file}": "イベントファイル {file}",
    "id {id}, recorded at {time}": "ID {id}、記録 {time}",
    "{who} calls {call} in {account}": "{who} が {account} で {call} を呼び出す",
    "{who} calls {call}": "{who} が {call} を呼び出す",
    "the owner of {account}": "{account} の持ち主",
    "role {role} of {account}": "{account} のロール {role}",
    "announced {event}": "通知 {event}",
    "{source} · {type} in {account}": "{source} · {type} ({account})",
    "ignored:": "無視:",
    "→ rule {rule}": "→ ルール {rule}",
    "run {number}, round {most}": "実行 {number}、{most} 回目",
    "began by:": "きっかけ:",
    "✗ refused: {why}": "✗ 拒否: {why}",
    "waits {number} s: {why}": "{number} 秒待つ: {why}",
    "nothing is left to do": "することは残っていません",
    "on {name} now:": "今の {name} のタグ:",
    "{address} asks": "{address} からリクエスト",
    "✓ {number} from {server}, by way of {way}": "✓ {server} から {number} (経路: {way})",
    "✓ {answer}, by way of {way}": "✓ {answer} (経路: {way})",
    "✓ {number}, stopped at {hop}, as it should be: {why}": "✓ {number}、予定どおり {hop} で止まる: {why}",
    "✓ stopped at {hop}, as it should be: {why}": "✓ 予定どおり {hop} で止まる: {why}",
    "✗ {number}, stopped at {hop}: {why}": "✗ {number}、{hop} で止まる: {why}",
    "✗ stopped at {hop}: {why}": "✗ {hop} で止まる: {why}",
    "{span} passed until {why}": "{span} 経過 ({why})",
    "{span} passed": "{span} 経過",
    "in no network": "ネットワークの外",
    "no service network": "サービスネットワークはありません",
    "{account} · auth {type}": "{account} · 認証 {type}",
    "callers ({number})": "呼び出し元 ({number})",
    "services ({number})": "サービス ({number})",
    "shared with ({number})": "共有先 ({number})",
    "VPC {vpc} of {account}": "{account} の VPC {vpc}",
    "admits the whole VPC": "許可: VPC 全体",
    "admits {sources}": "許可: {sources}",
    "no target": "ターゲットなし",
    "{scheme} load balancer {name} {ports}": "{scheme} ロードバランサー {name} {ports}",
    "something on {number}": "何か ({number})",
    "{server} on {number}": "{server} ({number})",
    "no organisation: shares are by invitation": "組織なし: 共有は招待による",
    "organisation {id}, RAM sharing on": "組織 {id}、RAM の共有は有効",
    "organisation {id}, RAM sharing off": "組織 {id}、RAM の共有は無効",
    "At the end": "終わったとき",
    "In between: {caption}": "途中の様子: {caption}",
    "Not there at the start ({number}):": "始めにはなかったもの ({number}):",
    "Nothing is left over: the world is as at the start.": "何も残っていません。世界は始めと同じです。",
    "{number} not as expected (seed {most}):": "想定と異なるもの {number} 件 (シード {most}):",
    "{number} not as expected:": "想定と異なるもの {number} 件:",
    "Everything came out as the story says.": "すべてストーリーのとおりになりました。",
    "Nothing came of it: no event led to a run.": "何も起きませんでした: どのイベントも実行につながりませんでした。",
    "Every run ended well.": "すべての実行が成功しました。",
    "Nothing was to be done.": "することはありませんでした。",
    "Try next:": "次に試せるもの:",
    "every event twice and in another order, same end": "すべてのイベントを 2 回、別の順序で。結果は同じです",
    "this world, served to your own AWS tools": "この世界を、自分の AWS ツールから使う",
    "the network as a page, of what is served or of your accounts": (
        "ネットワークを 1 つのページに。提供中のもの、または自分のアカウントから"
    ),
    "As the runs last saw it": "実行が最後に見たもの",
    "No service and no client.": "サービスもクライアントもありません。",
    "{runs}, {transitions}, {invocations} in them": "{runs}、{transitions}、{invocations}",
    "a deployment does not tell how many AWS calls.": "AWS の呼び出し回数は、デプロイからは分かりません。",
    # --- onramp local
    "--story brings a world of its own; give it, or --tfstate and --from-profile": (
        "--story には自分の世界があります。--story か、--tfstate と --from-profile のどちらかを指定してください"
    ),
    "--network is for --tfstate and --from-profile": (
        "--network は --tfstate または --from-profile と併用してください"
    ),
    "Building the world of {story} …": "{story} の世界を組み立てています …",
    "Building the copy …": "写しを組み立てています …",
    "Building an empty cloud …": "空のクラウドを組み立てています …",
    "Stopped before it was ready.": "準備ができる前に停止しました。",
    "Stopped; the port is free, and nothing of it is left.": "停止しました。ポートは空き、何も残っていません。",
    "not read: {what}": "読み取っていないもの: {what}",
    "profile {profile} cannot be read: {words}": "プロファイル {profile} を読み取れません: {words}",
    "{file} cannot be read: {words}": "{file} を読み取れません: {words}",
    "{words} ({me} local down --port {number} stops a local cloud there)": (
        "{words} ({me} local down --port {number} で、そこのローカルクラウドを停止できます)"
    ),
    "port {number} cannot be listened on: {words}": "ポート {number} で待ち受けられません: {words}",
    "the copy cannot be built: {words}": "写しを組み立てられません: {words}",
    "the story's world cannot be built: {words}": "ストーリーの世界を組み立てられません: {words}",
    "the product cannot be deployed in it: {words}": "その中に製品をデプロイできません: {words}",
    "In another terminal:": "別の端末で:",
    "Another account's number as AWS_ACCESS_KEY_ID makes you its owner.": (
        "AWS_ACCESS_KEY_ID に別のアカウントの番号を入れると、その持ち主になります。"
    ),
    "Stop it with Ctrl-C, or: {me} local down --port {number}": (
        "停止するには Ctrl-C、または: {me} local down --port {number}"
    ),
    "Listening on {url}, seed {most}. Time runs {number} times as fast as real time.": (
        "{url} で待ち受けています。シード {most}。時間は実時間の {number} 倍で進みます。"
    ),
    "Listening on {url}, seed {most}. Time runs {speed} times as fast as real time.": (
        "{url} で待ち受けています。シード {most}。時間は実時間の {speed} 倍で進みます。"
    ),
    "Listening on {url}, seed {most}. Time stands still ({me} local advance 1m).": (
        "{url} で待ち受けています。シード {most}。時間は止まっています ({me} local advance 1m)。"
    ),
    "A copy of {accounts}.": "{accounts} のコピーです。",
    "An empty cloud: every 12-digit number is an account.": "空のクラウド: 12 桁の数字はどれもアカウントになります。",
    "what listens on port {number} is no local cloud of this version": (
        "ポート {number} で待ち受けているのは、このバージョンのローカルクラウドではありません"
    ),
    "what is served is a local cloud of another version: {why}": (
        "提供されているのは、別のバージョンのローカルクラウドです: {why}"
    ),
    "no local cloud runs on port {number}; start one with: {me} local up": (
        "ポート {number} でローカルクラウドは動いていません。始めるには: {me} local up"
    ),
    "what listens on port {number} is no local cloud: {words}": (
        "ポート {number} で待ち受けているのはローカルクラウドではありません: {words}"
    ),
    "what listens on port {number} is no local cloud": (
        "ポート {number} で待ち受けているのはローカルクラウドではありません"
    ),
    "the local cloud on port {number} was told to stop, and its process {most} goes on": (
        "ポート {number} のローカルクラウドに停止を伝えましたが、プロセス {most} は動き続けています"
    ),
    "The local cloud on port {number} is stopped.": "ポート {number} のローカルクラウドを停止しました。",
    "{url}  story {story}, seed {number}, process {most}": (
        "{url}  ストーリー {story}、シード {number}、プロセス {most}"
    ),
    "simulated time {time}, {speed} times as fast as real time": "シミュレーションの時刻 {time}、実時間の {speed} 倍",
    "{calls}, {executions}, {invocations} so far": "これまでに {calls}、{executions}、{invocations}",
    "It is {time}.": "時刻は {time} です。",
    "{span} is no time; write 90s, 5m, 1h or settled": (
        "{span} は時間ではありません。90s、5m、1h、または settled と書いてください"
    ),
    "{header} is no header; write NAME: VALUE": "{header} はヘッダーではありません。NAME: VALUE の形で書いてください",
    "✗ {hop}: {why}": "✗ {hop}: {why}",
    "✓ {hop}: {why}": "✓ {hop}: {why}",
    "stopped at {hop}: answered {number}": "{hop} で止まりました: 応答は {number}",
    "stopped at {hop}: no answer": "{hop} で止まりました: 応答なし",
    "connected": "接続しました",
    "It arrives; what is answered cannot be told.": "届きます。応答の内容は分かりません。",
    "say how many there may be: {me} local quota {name} LIMIT": (
        "上限の数を指定してください: {me} local quota {name} LIMIT"
    ),
    "from now on": "以後、毎回",
    "once": "1 回",
    "{number} times": "{number} 回",
    ", each by a chance of {chance} (seed {number})": "、それぞれ確率 {chance} (シード {number})",
    "after its call {number}": "{number} 回目の呼び出しの後",
    "before its first line": "最初の行の前",
    "failed: the next {what} of {entity} to {phase}": "failed: 次に {phase} される {entity} の {what}",
    "failed: the next {what} to {phase}": "failed: 次に {phase} される {what}",
    "failed: the next {what} of {entity} to {phase}: {words}": (
        "failed: 次に {phase} される {entity} の {what}: {words}"
    ),
    "failed: the next {what} to {phase}: {words}": "failed: 次に {phase} される {what}: {words}",
    "events: {how}": "イベント: {how}",
    "delivered as usual": "通常どおり配信",
    "delivered twice by a chance of {chance}": "確率 {chance} で 2 回配信",
    "{seconds}s late": "{seconds} 秒遅れ",
    "in any order": "順不同",
    "those of AWS services lost by a chance of {chance}": "AWS サービスのものは確率 {chance} で失われる",
    "after {number}": "先に {number} 回通す",
    "by a chance of {chance}": "確率 {chance}",
    "at call {number}": "{number} 回目の呼び出し",
    "struck {number} of {most}": "{most} 回のうち {number} 回起きた",
    "struck {number} so far": "これまでに {number} 回起きた",
    "Nothing is set to go wrong.": "設定された障害はありません。",
    # --- why a run began, and why nothing came of an event
    "{keys} changed on {resource}": "{resource} の {keys} が変わりました",
    "{call} was called": "{call} が呼び出されました",
    "the hourly sweep": "1 時間ごとの定期的な確認",
    "{call} changes nothing that we look at": "{call} は、見ているものを何も変えません",
    "account {account} is no member: it has no rule that forwards anything": (
        "アカウント {account} はメンバーではありません: 何かを転送するルールがありません"
    ),
    "it is no event: {words}": "イベントではありません: {words}",
    "no rule of account {account} forwards an event with these values": (
        "アカウント {account} のどのルールも、この内容のイベントを転送しません"
    ),
    "no tag that begins with {prefix} changed": "{prefix} で始まるタグは変わっていません",
    "this resource is no load balancer, no VPC and no Lattice service": (
        "ロードバランサー、VPC、Lattice サービスのどれでもありません"
    ),
    "it names no call": "呼び出しの名前がありません",
    "{call} failed ({error}): it changed nothing": "{call} は失敗しました ({error})。何も変わっていません",
    "classic load balancers cannot join a network": "Classic Load Balancer はネットワークに参加できません",
    "only an association's end by the other side's owner is worth a look": (
        "確認が必要なのは、相手側の持ち主が関連付けを終えたときだけです"
    ),
    "our own call": "こちら自身の呼び出しです",
    "no one listens to {source} / {event}": "{source} / {event} を受け取るものはありません",
    "only the network account may ask for a look at another": (
        "別のアカウントを確認させることができるのは、ネットワークアカウントだけです"
    ),
    "only the network account may say {event}": "{event} を送ることができるのは、ネットワークアカウントだけです",
    "the execution goes on, or released its account itself": "実行は続いているか、アカウントを自分で解放しました",
    "an execution that the intake did not start holds no account": (
        "intake が始めたのでない実行は、アカウントを占有しません"
    ),
}
